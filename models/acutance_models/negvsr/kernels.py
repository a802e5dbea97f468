"""Blur kernels of the degradation that real recordings are imitated with.

A kernel is a value, so that it can change a little from frame to frame before it is drawn.

References
----------
.. [1] Wang, Xie, Dong, Shan, "Real-ESRGAN", ICCV workshops 2021, section 3 and appendix.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import j1

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Kinds and how likely each is.
KINDS = {
    "iso": 0.405,
    "aniso": 0.225,
    "generalised_iso": 0.108,
    "generalised_aniso": 0.027,
    "plateau_iso": 0.108,
    "plateau_aniso": 0.027,
    "sinc": 0.1,
}
SIZES = (7, 9, 11, 13, 15, 17, 19, 21)
_LARGE = 13  # from this size on a sinc may cut lower frequencies
_GENERALISED, _PLATEAU = (0.5, 4.0), (1.0, 2.0)


@dataclass(frozen=True)
class BlurKernel:
    """A kernel before it is drawn.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    size : int
        Pixels along each side, odd.
    sigma : tuple of (float, float)
        Standard deviations in pixels, along its own axes.
    angle : float
        Of its first axis, radians.
    beta : float
        Exponent of the generalised and the plateau kernels.
    omega : float
        Cut-off frequency of a sinc, radians per pixel.
    """

    kind: str
    size: int
    sigma: tuple[float, float] = (1.0, 1.0)
    angle: float = 0.0
    beta: float = 1.0
    omega: float = np.pi

    def draw(self) -> NDArray[np.float64]:
        """Return the kernel, shape (size, size), of sum 1.

        Returns
        -------
        ndarray of float64
        """
        places = np.arange(self.size) - self.size // 2
        x, y = np.meshgrid(places, places)
        kernel = self._sinc(x, y) if self.kind == "sinc" else self._bell(x, y)
        shares: NDArray[np.float64] = kernel / kernel.sum()
        return shares

    def _bell(self, x: NDArray[np.intp], y: NDArray[np.intp]) -> NDArray[np.float64]:
        cosine, sine = np.cos(self.angle), np.sin(self.angle)
        along, across = x * cosine + y * sine, y * cosine - x * sine
        distance = (along / self.sigma[0]) ** 2 + (across / self.sigma[1]) ** 2
        if self.kind.startswith("plateau"):
            flat: NDArray[np.float64] = 1.0 / (distance**self.beta + 1.0)
            return flat
        beta = self.beta if self.kind.startswith("generalised") else 1.0
        bell: NDArray[np.float64] = np.exp(-0.5 * distance**beta)
        return bell

    def _sinc(self, x: NDArray[np.intp], y: NDArray[np.intp]) -> NDArray[np.float64]:
        radius = np.hypot(x, y)
        radius[self.size // 2, self.size // 2] = 1.0
        kernel: NDArray[np.float64] = self.omega * j1(self.omega * radius) / (2 * np.pi * radius)
        kernel[self.size // 2, self.size // 2] = self.omega**2 / (4 * np.pi)
        return kernel

    def walk(self, rng: np.random.Generator, limits: tuple[float, float]) -> BlurKernel:
        """Return the kernel of the next frame.

        Parameters
        ----------
        rng : Generator
        limits : tuple of (float, float)
            Of the standard deviations, which walk by up to 0.02 pixels.
        """
        steps = rng.uniform(-1.0, 1.0, 5)
        first, second = np.clip(np.array(self.sigma) + 0.02 * steps[:2], *limits)
        is_round = self.sigma[0] == self.sigma[1]
        beta_limits = _PLATEAU if self.kind.startswith("plateau") else _GENERALISED
        return replace(
            self,
            sigma=(float(first), float(first if is_round else second)),
            angle=self.angle if is_round else self.angle + 0.31 * float(steps[2]),
            beta=float(np.clip(self.beta + 0.05 * steps[3], *beta_limits)),
            omega=float(np.clip(self.omega + 0.0314 * steps[4], np.pi / 5, np.pi)),
        )


def draw_kernel(rng: np.random.Generator, sigma_limits: tuple[float, float]) -> BlurKernel:
    """Draw a kernel of any kind.

    Parameters
    ----------
    rng : Generator
    sigma_limits : tuple of (float, float)
        Pixels.
    """
    kind = str(rng.choice(list(KINDS), p=np.array(list(KINDS.values()))))
    size = int(rng.choice(SIZES))
    sigma = rng.uniform(*sigma_limits, 2)
    angle = float(rng.uniform(-np.pi, np.pi))
    limits = _PLATEAU if kind.startswith("plateau") else _GENERALISED
    # Half of the exponents lie below 1, where the range is far shorter.
    low, high = (limits[0], 1.0) if rng.random() < 0.5 else (1.0, limits[1])
    beta = float(rng.uniform(low, high))
    omega = float(rng.uniform(np.pi / 3 if size < _LARGE else np.pi / 5, np.pi))
    if not kind.endswith("aniso"):
        sigma, angle = np.array([sigma[0], sigma[0]]), 0.0
    return BlurKernel(kind, size, (float(sigma[0]), float(sigma[1])), angle, beta, omega)


def draw_sinc(rng: np.random.Generator) -> BlurKernel:
    """Draw the filter that ends the degradation."""
    size = int(rng.choice(SIZES))
    return BlurKernel("sinc", size, omega=float(rng.uniform(np.pi / 3, np.pi)))
