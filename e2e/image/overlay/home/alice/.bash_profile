. ~/.bashrc
if [ "$(tty)" = /dev/tty1 ]; then exec /usr/local/lib/machine/session; fi
