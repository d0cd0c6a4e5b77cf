"""Forms of the creation pages. The names of their fields are part of the portal's outer surface."""
