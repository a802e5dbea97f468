"""The ways a scoring network is computed: torch, ONNX Runtime, OpenVINO, in several precisions."""
