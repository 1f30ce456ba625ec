"""Random lives of a case: who may do what (``model``), what people do (``living``), what must always hold."""
