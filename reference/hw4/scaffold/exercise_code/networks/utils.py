"""Labels and accuracy."""

import numpy as np


def binarize(X, y, a_percentile, b_percentile):
    """Keep the cheap and the expensive samples, and label them.

    :param X: (N, D) array
    :param y: (N, 1) array of prices
    :param a_percentile: samples with a price up to this one are labelled 0
    :param b_percentile: samples with a price from this one on are labelled 1
    :return: the samples that are kept, (M, D), and their labels, (M, 1)
    """
    prices = np.asarray(y).reshape(-1)
    kept = (prices <= a_percentile) | (prices >= b_percentile)
    labels = (prices[kept] >= b_percentile).astype(float)
    return X[kept], labels[:, np.newaxis]


def test_accuracy(y_pred, y_true):
    """Give the fraction of predictions on the right side of 0.5.

    :param y_pred: (N, 1) array of predictions between 0 and 1
    :param y_true: (N, 1) array of labels 0 and 1
    """
    predicted = np.asarray(y_pred).reshape(-1) >= 0.5
    return np.mean(predicted == (np.asarray(y_true).reshape(-1) == 1))
