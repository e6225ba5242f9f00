"""Reports on demand: Flask answers, Celery computes, PostgreSQL keeps. See README.md."""
