"""Optimal transport between two Gaussian distributions, in float64. No torch of its own.

References
----------
.. [1] Gelbrich, "On a formula for the L2 Wasserstein metric between measures on Euclidean and
   Hilbert spaces", Mathematische Nachrichten 147, 1990.
.. [2] Adrai, Ohayon, Elad, Michaeli, "Deep optimal transport: a practical algorithm for
   photo-realistic image restoration", NeurIPS 2023, arXiv 2306.02342.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
_SYMMETRY = 1e-6  # largest |C - C^T|, relative to the largest entry, that counts as rounding


def transport_operator(cov_source: Any, cov_target: Any, *, eps: float | None = None) -> Any:
    """Return the linear part of the optimal transport between two centred Gaussians.

    With W = Ct^(1/2) Cs^(1/2) = U S V^T restricted to the range of Cs, the operator is
    T = Ct^(1/2) U V^T Cs^(-1/2). It equals Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2) where
    Cs is positive definite, and takes no root of a small difference.

    Parameters
    ----------
    cov_source, cov_target : array or Tensor, shape (d, d), symmetric, positive semidefinite
    eps : float, optional
        None takes the form above. A number takes the rule of the published code instead: the
        source is degenerate where its least eigenvalue is at most `eps`, `eps` is added to the
        diagonal under the root, and the pseudo-inverse drops eigenvalues below sqrt(eps) of the
        largest.

    Returns
    -------
    operator : array or Tensor of the first argument's kind, shape (d, d), float64
        Symmetric and positive semidefinite where the source is not degenerate.
    noise : the same, or None
        Covariance of the noise that a degenerate source lacks: T Cs T^T + noise = Ct. None where
        the source is not degenerate.

    Raises
    ------
    ValueError
        If the matrices are not square, symmetric, finite, of one shape, or `eps` is not positive.
    """
    source, target = checked_covariance(cov_source), checked_covariance(cov_target)
    if source.shape != target.shape:
        raise ValueError(f"Expected one shape; got {source.shape} and {target.shape}.")
    if eps is None:
        operator, noise = _exact(source, target)
    elif eps > 0:
        operator, noise = _reference(source, target, eps)
    else:
        raise ValueError(f"Expected a positive eps or None; got {eps}.")
    if not hasattr(cov_source, "detach"):
        return operator, noise
    from torch import from_numpy

    device = cov_source.device
    return from_numpy(operator).to(device), None if noise is None else from_numpy(noise).to(device)


def squared_w2(
    mean_source: ArrayLike, cov_source: Any, mean_target: ArrayLike, cov_target: Any
) -> float:
    """Return the squared Wasserstein-2 distance of two Gaussians (Gelbrich).

    |ms - mt|^2 + tr(Cs + Ct - 2 (Ct^(1/2) Cs Ct^(1/2))^(1/2)), in squared units of the samples.

    Parameters
    ----------
    mean_source, mean_target : array, shape (d,)
    cov_source, cov_target : array, shape (d, d)

    Returns
    -------
    float
        At least 0.
    """
    source, target = checked_covariance(cov_source), checked_covariance(cov_target)
    shift = np.asarray(mean_source, np.float64) - np.asarray(mean_target, np.float64)
    # The trace of the root is the sum of the singular values of Ct^(1/2) Cs^(1/2).
    overlap = np.linalg.svd(matrix_root(target) @ matrix_root(source), compute_uv=False).sum()
    return max(0.0, float(shift @ shift + np.trace(source) + np.trace(target) - 2 * overlap))


def checked_covariance(covariance: Any) -> Matrix:
    """Return a covariance as a symmetric float64 array.

    Raises
    ------
    ValueError
        If it is not square, not finite, or not symmetric beyond rounding.
    """
    if hasattr(covariance, "detach"):
        covariance = covariance.detach().cpu().numpy()
    matrix = np.asarray(covariance, np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"Expected a square matrix; got the shape {matrix.shape}.")
    if not np.isfinite(matrix).all():
        raise ValueError("Expected finite covariances.")
    if np.abs(matrix - matrix.T).max() > _SYMMETRY * np.abs(matrix).max():
        raise ValueError("Expected a symmetric matrix.")
    symmetric: Matrix = (matrix + matrix.T) / 2
    return symmetric


def matrix_root(matrix: Matrix) -> Matrix:
    """Return the symmetric square root, eigenvalues below 0 taken as 0."""
    values, vectors = np.linalg.eigh(matrix)
    root: Matrix = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    return root


def numerical_rank(values: NDArray[np.floating[Any]]) -> int:
    """Return how many eigenvalues are above rounding: d * machine epsilon of the largest."""
    floor = values.size * np.finfo(np.float64).eps * max(float(values.max()), 0.0)
    return int((values > floor).sum())


def cap_gain(operator: Matrix, gain: float) -> tuple[Matrix, int]:
    """Limit how much an operator amplifies any direction.

    Parameters
    ----------
    operator : array, shape (d, d)
    gain : float, > 0
        Largest singular value that remains.

    Returns
    -------
    operator : array, shape (d, d)
        The very one that was given where nothing exceeds the cap.
    capped : int
        Directions that were limited.
    """
    if not gain > 0:
        raise ValueError(f"Expected a positive gain; got {gain}.")
    left, values, right = np.linalg.svd(operator)
    capped = int((values > gain).sum())
    return (operator, 0) if not capped else ((left * np.minimum(values, gain)) @ right, capped)


def _exact(source: Matrix, target: Matrix) -> tuple[Matrix, Matrix | None]:
    values, vectors = np.linalg.eigh(source)
    rank = numerical_rank(values)
    scales, basis = np.sqrt(values[values.size - rank :]), vectors[:, values.size - rank :]
    root = matrix_root(target)
    left, _, right = np.linalg.svd(root @ (basis * scales), full_matrices=False)
    operator: Matrix = root @ left @ right @ (basis / scales).T
    if rank == values.size:
        return (operator + operator.T) / 2, None
    reached = root @ left
    return operator, target - reached @ reached.T


def _reference(source: Matrix, target: Matrix, eps: float) -> tuple[Matrix, Matrix | None]:
    values, vectors = np.linalg.eigh(source)
    identity = np.eye(values.size)
    if values[0] > eps:
        root = (vectors * np.sqrt(values)) @ vectors.T
        inverse = (vectors / np.sqrt(values)) @ vectors.T
        return inverse @ _lifted_root(root @ target @ root, eps) @ inverse, None
    root = matrix_root(target)
    inverse = np.linalg.pinv(root, rcond=np.sqrt(eps), hermitian=True)
    pseudo = np.linalg.pinv(source, rcond=np.sqrt(eps), hermitian=True)
    middle = _lifted_root(root @ source @ root, eps)
    star = inverse @ middle @ inverse
    noise: Matrix = root @ (identity - root @ star @ pseudo @ star @ root) @ root
    operator: Matrix = root @ middle @ inverse @ pseudo
    return operator, (noise + noise.T) / 2


def _lifted_root(matrix: Matrix, eps: float) -> Matrix:
    """Return the root of a matrix whose diagonal was raised by eps and any negative eigenvalue."""
    symmetric = (matrix + matrix.T) / 2
    least = float(np.linalg.eigvalsh(symmetric)[0])
    return matrix_root(symmetric + (eps + max(0.0, -least)) * np.eye(matrix.shape[0]))
