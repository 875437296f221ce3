# %% [markdown]
# ## Optimizer
# %%
import numpy as np; import os
# %%
class Optimizer(object):
  def __init__(self, model, learning_rate=5e-5): self.model = model; self.lr = learning_rate
  def step(self, dw): self.model.W = self.model.W - self.lr * dw; return self.model.W
