"""What `bench` measures and against what: each figure beside a baseline of the same run."""
