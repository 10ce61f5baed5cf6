// Parses each file of its arguments as a module, and prints its name.
import Gio from 'gi://Gio';
import System from 'system';
for (const f of System.programArgs) {
    const [, bytes] = Gio.File.new_for_path(f).load_contents(null);
    Reflect.parse(new TextDecoder().decode(bytes), {target: 'module'});
    print(f);
}
