/** Looks for GPU drivers where Vulkan's loader does. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const CHOSEN = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES'];

/**
 * Whether a driver is installed, or chosen by a variable. Elsewhere than on Linux Dawn does not need
 * Vulkan, and the answer is yes.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 */
export function mayHaveGpu(env = process.env, platform = process.platform) {
  if (platform !== 'linux' || CHOSEN.some((name) => env[name])) return true;
  const home = env.HOME || homedir();
  const lists = [
    ...[env.XDG_CONFIG_HOME || join(home, '.config'), env.XDG_CONFIG_DIRS || '/etc/xdg'],
    ...['/etc', '/usr/local/etc'],
    env.XDG_DATA_HOME || join(home, '.local/share'),
    env.XDG_DATA_DIRS || ['/usr/local/share', '/usr/share'].join(delimiter),
    '/run/opengl-driver/share', // NixOS
  ];
  return lists
    .flatMap((list) => list.split(delimiter))
    .some((folder) => holdsManifest(join(folder, 'vulkan/icd.d')));
}

/** @param {string} folder */
function holdsManifest(folder) {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.json'));
  } catch {
    return false; // most of the places do not exist
  }
}
