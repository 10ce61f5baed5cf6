-- WirePlumber 0.4: an emulated sound card needs slack, and is never put to sleep.
table.insert(alsa_monitor.rules, {
  matches = { { { "node.name", "matches", "alsa_*" } } },
  apply_properties = {
    ["api.alsa.period-size"] = 1024,
    ["api.alsa.headroom"] = 2048,
    ["session.suspend-timeout-seconds"] = 0,
  },
})
