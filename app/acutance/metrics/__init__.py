"""Image quality metrics that are computed from a formula; docs/iqms.md describes them all.

Functions over arrays and masks bear MRIQC's name where the definition is MRIQC's.
"""

from acutance.metrics.against_reference import check_same_grid, reference_iqms
from acutance.metrics.anatomical import (
    art_qi1,
    cjv,
    cnr,
    efc,
    fber,
    snr,
    snr_dietrich,
    summary_stats,
    wm2max,
)
from acutance.metrics.ms_ssim import multi_scale_structural_similarity
from acutance.metrics.niqe import natural_image_quality
from acutance.metrics.overlap import (
    ConfusionCounts,
    count_confusion,
    dice_coefficient,
    jaccard_index,
)
from acutance.metrics.regional import regional_iqms
from acutance.metrics.similarity import (
    normalized_root_mse,
    peak_signal_noise_ratio,
    structural_similarity,
)
from acutance.metrics.whole_volume import volume_iqms

__all__ = [
    "ConfusionCounts",
    "art_qi1",
    "check_same_grid",
    "cjv",
    "cnr",
    "count_confusion",
    "dice_coefficient",
    "efc",
    "fber",
    "jaccard_index",
    "multi_scale_structural_similarity",
    "natural_image_quality",
    "normalized_root_mse",
    "peak_signal_noise_ratio",
    "reference_iqms",
    "regional_iqms",
    "snr",
    "snr_dietrich",
    "structural_similarity",
    "summary_stats",
    "volume_iqms",
    "wm2max",
]
