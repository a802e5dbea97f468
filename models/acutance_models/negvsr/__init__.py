"""Super-resolution of real video: RealBasicVSR, NegVSR, and a small one for workstations."""
