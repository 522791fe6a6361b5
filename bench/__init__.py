"""How much the platform adds to what it stands on: each bench compares one thing of ours with the bare thing."""
