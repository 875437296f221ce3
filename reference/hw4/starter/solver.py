import numpy as np

from exercise_code.networks.optimizer import Optimizer


class Solver(object):
    """
    Trains a model by gradient descent.

    After train() the model has the weights that did best on the validation data, and the
    losses of each epoch are in train_loss_history and val_loss_history.
    """

    def __init__(self, model, data, loss_func, learning_rate,
                 is_regression=True, verbose=True, print_every=100):
        """
        :param model: a network
        :param data: dictionary with the arrays X_train, y_train, X_val and y_val
        :param loss_func: a loss
        :param learning_rate: the learning rate of gradient descent
        :param is_regression: whether this is a regression
        :param verbose: whether to print losses while training
        :param print_every: print them every so many epochs
        """
        self.model = model
        self.loss_func = loss_func
        self.learning_rate = learning_rate
        self.opt = Optimizer(model, learning_rate)
        self.is_regression = is_regression
        self.verbose = verbose
        self.print_every = print_every
        self.X_train = data["X_train"]
        self.y_train = data["y_train"]
        self.X_val = data["X_val"]
        self.y_val = data["y_val"]
        self._reset()

    def _reset(self):
        self.best_val_loss = None
        self.best_W = None
        self.train_loss_history = []
        self.val_loss_history = []

    def _step(self):
        """Make one gradient update of the model, over all of the training data."""
        model = self.model
        loss_func = self.loss_func
        X_train = self.X_train
        y_train = self.y_train
        opt = self.opt
        # TODO: get dy / dW from the model and d loss / dy from the loss, and combine them by the chain
        # rule. Take the mean over the samples, and hand the gradient to opt.step().

        pass

    def check_loss(self, validation=True):
        """
        Compute the mean loss.

        :param validation: whether on the validation data or on the training data
        """
        X = self.X_val if validation else self.X_train
        y = self.y_val if validation else self.y_train
        model_forward, _ = self.model(X)
        loss, _ = self.loss_func(model_forward, y)
        return loss.mean()

    def train(self, epochs=1000):
        """Make one step in each epoch, and keep the weights with the lowest validation loss."""
        for epoch in range(epochs):
            self._step()
            train_loss = self.check_loss(validation=False)
            val_loss = self.check_loss(validation=True)
            self.train_loss_history.append(train_loss)
            self.val_loss_history.append(val_loss)
            if self.verbose and epoch % self.print_every == 0:
                print(f"(Epoch {epoch} / {epochs}) train loss: {train_loss:f}; val loss: {val_loss:f}")
            self.update_best_loss(val_loss)
        self.model.W = self.best_W

    def update_best_loss(self, val_loss):
        if self.best_val_loss is None or val_loss < self.best_val_loss:
            self.best_val_loss = val_loss
            self.best_W = self.model.W.copy()
