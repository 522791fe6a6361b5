"""An app that declares the tests' registers, for workers started in processes of their own."""
