-- WirePlumber 0.4: an emulated sound card needs slack, and is never put to sleep.
-- Its interrupts are a better clock than the guest's timers, by which the rate
-- is adjusted audibly whenever the host is busy.
table.insert(alsa_monitor.rules, {
  matches = { { { "node.name", "matches", "alsa_*" } } },
  apply_properties = {
    ["api.alsa.period-size"] = 1024,
    ["api.alsa.headroom"] = 2048,
    ["api.alsa.disable-tsched"] = true,
    ["session.suspend-timeout-seconds"] = 0,
  },
})
