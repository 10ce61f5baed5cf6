# The helper works at once: its user, the module, the rule, and the socket, which
# is enabled where the distribution enables what is installed. Debian remembers
# what an administrator has disabled: deb-systemd-helper(1).
case ${1:-} in
configure)
	deb-systemd-helper unmask vocoder-inputd.socket > /dev/null || :
	if deb-systemd-helper --quiet was-enabled vocoder-inputd.socket; then
		deb-systemd-helper enable vocoder-inputd.socket > /dev/null || :
	else
		deb-systemd-helper update-state vocoder-inputd.socket > /dev/null || :
	fi
	;;
1) # rpm, the first time
	systemctl preset vocoder-inputd.socket || :
	;;
esac
if [ -d /run/systemd/system ]; then
	systemd-sysusers vocoder.conf || :
	modprobe -q uinput || :
	udevadm control --reload || :
	udevadm trigger --settle --subsystem-match=misc --sysname-match=uinput || :
	systemctl daemon-reload || :
	if systemctl -q is-enabled vocoder-inputd.socket; then
		systemctl start vocoder-inputd.socket || :
	fi
	systemctl try-restart vocoder-inputd.service 'vocoder@*.service' || :
fi
# Daemons that run go on with the new program; the words under way are typed
# first. Which users have one, each decides for himself.
users daemon-reload
users try-restart vocoder.service 'vocoder@*.service'
