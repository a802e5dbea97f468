"""Segmentation by recurrent residual U-Nets, with the plain U-Net to hold them against."""
