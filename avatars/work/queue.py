"""Shorthand while modules move to `Job.objects.enqueue`."""

from avatars.models import Job

enqueue = Job.objects.enqueue
