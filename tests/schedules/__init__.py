"""Random schedules of cut, kill, retry, second tab and clock step, and the model that they are held against."""
