"""Pool of executed reads, topology-aware resolution, stories, coverage: verified environments to over-specified tasks.

sampler = Sampler(scope, Controls(), seed=0)
task = sampler.sample(17)        a Task, or Refused where nothing brings the focus about
Coverage(sampler.views).update(tasks).summary()
"""

from envfactory.sampling.controls import Controls
from envfactory.sampling.coverage import Coverage
from envfactory.sampling.sampler import Refused, Sampler

__all__ = ["Controls", "Coverage", "Refused", "Sampler"]
