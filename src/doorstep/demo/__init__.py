"""The demo district and the training district: real places, everything else made up, made by calling the services."""
