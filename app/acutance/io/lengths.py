"""Units of length as formats and people write them."""

from __future__ import annotations

#: Millimetres per unit, as OME, ImageJ, NRRD and people write it.
_MM = {
    "nm": 1e-6, "nanometer": 1e-6, "nanometre": 1e-6, "pm": 1e-9, "å": 1e-7, "angstrom": 1e-7,
    "μm": 1e-3, "um": 1e-3, "micron": 1e-3, "microns": 1e-3, "micrometer": 1e-3,
    "micrometre": 1e-3, "mm": 1.0, "millimeter": 1.0, "millimetre": 1.0, "millimeters": 1.0,
    "cm": 10.0, "centimeter": 10.0, "centimetre": 10.0, "dm": 100.0, "m": 1000.0,
    "meter": 1000.0, "metre": 1000.0, "in": 25.4, "inch": 25.4, "inches": 25.4,
}  # fmt: skip


def mm_per(unit: str) -> float | None:
    """Return the millimetres in a unit, None where it is no length."""
    # There are two signs for micro, and ImageJ writes one of them out.
    text = unit.strip().casefold().replace("\\u00b5", "μ").replace("µ", "μ")
    return _MM.get(text)
