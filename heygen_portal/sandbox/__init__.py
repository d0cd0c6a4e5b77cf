"""A stand-in for HeyGen's v3 API, over real HTTP, that costs nothing.

It is a small Django project of its own: its settings, its process, its SQLite file under ``<DATA_DIR>/sandbox/``.
It imports nothing from the portal's app, and nothing of the portal imports it; they meet only over HTTP. Start it with
``python manage.py run_sandbox`` or ``python -m heygen_portal.sandbox``; its home page explains the rest.

Whatever HeyGen leaves open is a switch (``switches.py``). Time is a scalable clock (``clock.py``), and every state is
derived from stored times, so that a restart loses nothing. Control endpoints for tests live under ``/_sandbox/``
(``control.py``, JSON, loopback only).

Markers in a name or a prompt make one call go wrong, so that a person can try a failure by typing it. The full list,
with what each does and how often it strikes, is ``faults.KINDS``; the home page prints it. The form is
``[fault:KIND]``, or ``[fault:KINDxN]`` to strike the first N attempts: ``[fault:429x2] Anna`` is refused twice, then
made. In a file name a marker strikes the upload, and ``[fault:consent-KIND]`` in a character's name strikes the call
that asks for the consent link.
"""
