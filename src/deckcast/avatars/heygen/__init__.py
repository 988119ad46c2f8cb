"""HeyGen as an avatar provider."""
