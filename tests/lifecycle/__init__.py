"""Random lives of a case: where it stands and who may do what (``standing``), what becomes of it (``model``), what
people do (``living``), what must always hold (``always``)."""
