/** Entry of the bundle: the benchmark under the Node that comes with it. */
import { main } from './main';
import { measureInNode } from './node';

const code = await main(process.argv.slice(2), (options) => measureInNode(options, async () => {}));
process.exit(code); // Dawn keeps the process alive
