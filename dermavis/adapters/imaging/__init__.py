"""Turns whatever a phone sends into three clean pictures, in a child process that ends with each picture.

``recognition`` decides by the bytes; ``jpeg``, ``png``, ``webp`` and ``heif`` leave out everything that is not the
picture; ``processing`` joins them with ``colour``, ``renditions`` and ``measures``; ``fork_server`` runs it apart, and
``client`` is what the services hold.
"""

from dermavis.adapters.imaging.client import ChildImaging, ImagingFailed

__all__ = ["ChildImaging", "ImagingFailed"]
