# Daemons that run go on with the new program; the words under way are typed
# first. Nothing is enabled: each user decides that.
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || :
	systemctl try-restart 'vocoder@*.service' || :
fi
users daemon-reload
users try-restart vocoder.service 'vocoder@*.service'
