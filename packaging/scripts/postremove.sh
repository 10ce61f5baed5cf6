# Remove what the installation made in addition to the package's files. The
# helper's user owned no file.
case ${1:-} in
upgrade | failed-upgrade | abort-* | 1) ;;
*)
	if command -v deb-systemd-helper > /dev/null; then
		deb-systemd-helper purge vocoder-inputd.socket > /dev/null || :
	fi
	if [ -d /run/systemd/system ]; then
		rmdir /run/vocoder 2> /dev/null || :
		udevadm control --reload || :
		# udev does not change rights that no rule mentions.
		if [ -c /dev/uinput ]; then chown root:root /dev/uinput && chmod 0600 /dev/uinput; fi
		udevadm trigger --settle --action=add --subsystem-match=misc --sysname-match=uinput || :
	fi
	if getent passwd vocoder-input > /dev/null; then
		userdel vocoder-input 2> /dev/null || :
	fi
	;;
esac
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload || :
fi
users daemon-reload
