users daemon-reload
users try-restart vocoder-engine.service
