# The helper works at once: its user, the module, the rule and the socket, which
# is enabled where the distribution enables what is installed.
if [ -d /run/systemd/system ]; then
	systemd-sysusers vocoder.conf || :
	modprobe -q uinput || :
	udevadm control --reload || :
	udevadm trigger --settle --subsystem-match=misc --sysname-match=uinput || :
	systemctl daemon-reload || :
	case ${1:-}${2:-} in
	configure | 1) systemctl preset vocoder-inputd.socket || : ;; # the first time
	esac
	if systemctl -q is-enabled vocoder-inputd.socket; then
		systemctl start vocoder-inputd.socket || :
	fi
	systemctl try-restart vocoder-inputd.service 'vocoder@*.service' || :
fi
# Daemons that run go on with the new program; the words under way are typed
# first. Which users have one, each decides for himself.
users daemon-reload
users try-restart vocoder.service 'vocoder@*.service'
