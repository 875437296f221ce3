class Optimizer:

    __init__ = lambda self, model, learning_rate=5e-5: self.__dict__.update(model=model, lr=learning_rate)
    step = lambda self, dw: setattr(self.model, "W", self.model.W - self.lr * dw)
