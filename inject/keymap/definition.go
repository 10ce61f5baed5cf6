package keymap

// A definition is a key as the text describes it.
type definition struct {
	physicalKey
	defined  bool      // xkb_symbols has it
	modmap   modifiers // real ones, from modifier_map
	virtual  modifiers // that the key itself names, or its interpretations
	explicit struct{ virtual, actions bool }
}

// An interpretation gives an action to every level that has its symbol, or any, on a key
// with suitable modifiers, unless the key has its own actions.
type interpretation struct {
	symbol   keysym // noSymbol: any
	match    string
	mods     modifiers
	levelOne bool      // the modifiers count at level 0 of a key only
	virtual  modifiers // a virtual modifier that the key gets
	action   action
}

// matches reports whether the interpretation is for a level with a symbol on
// a key with real modifiers.
func (in *interpretation) matches(symbol keysym, level int, mods modifiers) bool {
	if in.symbol != noSymbol && in.symbol != symbol {
		return false
	}
	if in.levelOne && level != 0 {
		mods = 0
	}
	switch in.match {
	case "noneof":
		return in.mods&mods == 0
	case "anyofornone":
		return mods == 0 || in.mods&mods != 0
	case "anyof":
		return in.mods&mods != 0
	case "allof":
		return in.mods&mods == in.mods
	}
	return in.mods == mods
}
