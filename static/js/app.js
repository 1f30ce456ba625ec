// placeholder while the pages are built
