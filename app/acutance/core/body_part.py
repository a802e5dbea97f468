"""What a header says about the part of the body that was examined."""

from __future__ import annotations

import re

#: Values of Body Part Examined (0018,0015) that show a brain, or may: DICOM PS3.16 annex L, table
#: L-1, and words that scanners write in their place.
_HEAD = frozenset(
    """
    BRAIN CEREBRUM CEREBELLUM CRANIUM FACE HEAD HEADNECK IAC INTRACRANIAL JAW MAXILLA
    MIDBRAIN NECK NEURO ORBIT PITUITARY POSTFOSSA SELLA SINUS SKULL TMJ WHOLEBODY
    """.split()  # noqa: SIM905 - a table, not code
)
#: Values of the same table that do not.
_ELSEWHERE = frozenset(
    """
    ABDOMEN ABDOMENPELVIS ANKLE AORTA ARM AXILLA BACK BLADDER BREAST BRONCHUS BUTTOCK
    CALCANEUS CALF CARDIAC CHEST CHESTABDOMEN CHESTABDPELVIS CLAVICLE COCCYX COLON CSPINE
    CERVICALSPINE CTSPINE ELBOW ESOPHAGUS EXTREMITY FEMUR FINGER FOOT FOREARM GALLBLADDER
    HAND HEART HIP HUMERUS ILIUM INTESTINE KIDNEY KNEE LEG LIVER LSPINE LSSPINE LUMBARSPINE
    LUNG MEDIASTINUM PANCREAS PELVIS PHANTOM PROSTATE RADIUS RECTUM RIB SACRUM SCAPULA
    SCROTUM SHOULDER SIJOINT SPINE SPLEEN SSPINE STERNUM STOMACH TESTIS THIGH THORAX THUMB
    THORACICSPINE TIBIA TLSPINE TOE TSPINE ULNA UPPERARM URETER UTERUS WRIST
    """.split()  # noqa: SIM905 - a table, not code
)


def names_another_part(stated: str) -> bool:
    """Tell whether a stated part of the body is one that holds no brain.

    Parameters
    ----------
    stated : str
        As the header has it; several parts may be joined by anything but letters.

    Returns
    -------
    bool
        False where nothing is stated, where a word is unknown, and where any names the head: a
        header that is not understood never speaks against a scan.
    """
    words = re.findall(r"[A-Z]+", stated.upper())
    joined = "".join(words)
    if joined in _ELSEWHERE:
        return True
    return bool(words) and not _HEAD.intersection(words) and _ELSEWHERE.issuperset(words)
