// helovet check --batch.
