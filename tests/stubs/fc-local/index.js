'use strict';

// A component for the Serverless Devs CLI: `s <function> invoke` runs the function's real handler
// against the local cloud instead of an account, `deploy` and its companions call the local cloud's control
// API. The work is done by `localcloud invoke` and `localcloud function`.

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { parseArgs } = require('node:util');

// The status of `localcloud invoke` where the call arrived and the function failed.
const FUNCTION_FAILED = 3;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const PROJECT = path.resolve(__dirname, '..', '..', '..');

const START =
  'start the local cloud with `localcloud serve --port 8000 --env-file .local/env`, then `. .local/env`';

// The CLI's own options, which it leaves among the arguments.
const COMMON = {
  template: { type: 'string', short: 't' },
  access: { type: 'string', short: 'a' },
  'output-format': { type: 'string', short: 'o' },
  env: { type: 'string' },
  debug: { type: 'boolean' },
  silent: { type: 'boolean' },
  'skip-actions': { type: 'boolean' },
  'no-verify': { type: 'boolean' },
};

// The options of fc3's `invoke`; what cannot be served here is refused by name instead of ignored.
const OPTIONS = {
  event: { type: 'string', short: 'e' },
  'event-file': { type: 'string', short: 'f' },
  'invocation-type': { type: 'string' },
  qualifier: { type: 'string' },
  timeout: { type: 'string' },
  strict: { type: 'boolean' },
  ...COMMON,
};

// fc3's options of the commands that deploy.
const DEPLOYING = {
  'assume-yes': { type: 'boolean', short: 'y' },
  trigger: { type: 'string' },
  'version-id': { type: 'string' },
  'alias-name': { type: 'string' },
  description: { type: 'string' },
  tail: { type: 'boolean' },
  ...COMMON,
};

const COMMANDS = {
  invoke: {
    help: {
      summary: 'Run the handler against the local cloud',
      description: `Runs the function's handler in its own process against the local cloud of STUB_ENDPOINT.
What is deployed under its name is called, else its sources. The log goes to standard error, the result is printed.`,
      option: [
        ['-e, --event <event>', 'The event itself'],
        ['-f, --event-file <file>', 'A file that holds the event'],
        ['--strict', 'End with a status that is not 0 where the function failed, which fc3 does not'],
      ],
    },
  },
  deploy: { help: { summary: 'Create or update the function, its triggers and settings' } },
  remove: { help: { summary: 'Remove the function and what hangs on it' } },
  plan: { help: { summary: 'Show what a deploy would change' } },
  info: { help: { summary: 'Show what is deployed' } },
  logs: { help: { summary: 'Show what the function ran and logged' } },
  version: { help: { summary: 'list, publish, or remove --version-id NUMBER' } },
  alias: { help: { summary: 'list, publish --alias-name NAME --version-id NUMBER, or remove --alias-name NAME' } },
};

// Names that the CLI and the language look up and that are no commands.
const NO_COMMANDS = new Set(['then', 'toJSON', 'inspect', 'constructor', 'getSchema', 'logger', 'client', 'default']);

function readOptions(args) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true }).values;
  } catch (error) {
    throw new Error(`${error.message}. The local component's invoke takes -e TEXT or -f FILE.`);
  }
}

// `localcloud function COMMAND …`: what was deployed is on standard output, what was done on standard error.
async function functionCommand(command, inputs) {
  const { values, positionals } = parseArgs({ args: inputs.args, options: DEPLOYING, allowPositionals: true });
  const how = positionals.find((each) => ['list', 'get', 'publish', 'remove'].includes(each) && each !== command);
  const args = ['function', command, ...(how ? [how] : []), '--props', '-', '--s-yaml', inputs.yaml.path];
  ['trigger', 'version-id', 'alias-name', 'description'].forEach((name) => {
    if (values[name] !== undefined) {
      args.push(`--${name}`, values[name]);
    }
  });
  const { status, signal, out, err } = await run(args, JSON.stringify(inputs.props));
  if (status !== 0) {
    const message = lastLine(err);
    throw Object.assign(new Error(message || `localcloud ended with ${signal || status}`), {
      isTold: Boolean(message),
    });
  }
  if (values.silent || values['output-format']) {
    return parsed(out);
  }
  process.stdout.write(out);
  return undefined;
}

function parsed(out) {
  try {
    return JSON.parse(out);
  } catch {
    return { output: out.trimEnd() };
  }
}

function readEvent(options, cwd) {
  if (options.event !== undefined && options['event-file'] !== undefined) {
    throw new Error('give the event with -e TEXT or with -f FILE, not with both');
  }
  if (options['event-file'] === undefined) {
    return options.event === undefined ? '{}' : options.event;
  }
  const file = path.resolve(cwd, options['event-file']);
  try {
    return fs.readFileSync(file);
  } catch (error) {
    throw new Error(`event file ${file}: ${error.message}`);
  }
}

function check(options) {
  const type = options['invocation-type'];
  if (type !== undefined && type.toLowerCase() !== 'sync') {
    throw new Error(
      `--invocation-type ${type} is not supported by the local component: it runs the function at once. ` +
        'For the queue with task ids and retries call the local cloud\'s FC API (header x-fc-invocation-type: Async).',
    );
  }
  if (!process.env.STUB_ENDPOINT) {
    throw new Error(`STUB_ENDPOINT is not set: ${START}`);
  }
}

function python() {
  const own = path.join(PROJECT, '.venv', 'bin', 'python');
  return process.env.PYTHON || (fs.existsSync(own) ? own : 'python3');
}

function run(args, input, isQuiet = false) {
  return new Promise((resolve, reject) => {
    const pythonPath = [path.dirname(__dirname), path.join(PROJECT, 'shared'), process.env.PYTHONPATH].filter(Boolean).join(path.delimiter);
    const child = spawn(python(), ['-m', 'localcloud', ...args], {
      cwd: PROJECT,
      env: { ...process.env, PYTHONPATH: pythonPath },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out = [];
    const complaints = [];
    child.stdout.on('data', (part) => out.push(part));
    child.stderr.on('data', (part) => {
      complaints.push(part);
      if (!isQuiet) {
        process.stderr.write(part);
      }
    });
    child.on('error', (error) => reject(new Error(`cannot start ${python()}: ${error.message}; set PYTHON`)));
    // A child that has already ended closes its input; its exit status says more than EPIPE.
    child.stdin.on('error', () => {});
    child.on('close', (status, signal) => {
      resolve({ status, signal, out: Buffer.concat(out).toString(), err: Buffer.concat(complaints).toString() });
    });
    child.stdin.end(input);
  });
}

function lastLine(text) {
  return text.trimEnd().split('\n').pop();
}

// Whether the function is there under its name; its answer and its complaint are not for the reader.
async function isDeployed(inputs) {
  const args = ['function', 'info', '--props', '-', '--s-yaml', inputs.yaml.path];
  return (await run(args, JSON.stringify(inputs.props), true)).status === 0;
}

async function invoke(inputs, options) {
  check(options);
  const event = readEvent(options, inputs.cwd || process.cwd());
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fc-local-'));
  const leave = () => fs.rmSync(folder, { recursive: true, force: true });
  // A signal ends the CLI at once, and `finally` does not run then.
  const stop = (signal, number) => {
    leave();
    process.exit(128 + number);
  };
  SIGNALS.forEach((signal) => process.once(signal, stop));
  try {
    const file = path.join(folder, 'event');
    fs.writeFileSync(file, event, { mode: 0o600 });
    const args = ['invoke', inputs.resource.name, '-f', file, '--props', '-', '--s-yaml', inputs.yaml.path];
    if (await isDeployed(inputs)) {
      args.push('--deployed', ...(options.qualifier === undefined ? [] : ['--qualifier', options.qualifier]));
    } else if (options.qualifier !== undefined && options.qualifier !== 'LATEST') {
      throw new Error(`--qualifier ${options.qualifier}: ${inputs.props.functionName} is not deployed, there is LATEST only`);
    }
    const { status, signal, out, err } = await run(args, JSON.stringify(inputs.props));
    if (status === FUNCTION_FAILED && !options.strict) {
      // As fc3 does: the failure is told, and the status stays 0.
      console.error('Error Type: UnhandledInvocationError');
      return out.trimEnd();
    }
    if (status !== 0) {
      process.stdout.write(out);
      const message = lastLine(err);
      throw Object.assign(new Error(message || `the function's process ended with ${signal || status}`), {
        isTold: Boolean(message),
      });
    }
    return out.trimEnd();
  } finally {
    SIGNALS.forEach((signal) => process.removeListener(signal, stop));
    leave();
  }
}

function show(body) {
  try {
    console.log(JSON.stringify(JSON.parse(body), null, 2));
  } catch {
    console.log(body);
  }
}

class LocalFunction {
  constructor() {
    this.commands = COMMANDS;
    Object.keys(COMMANDS)
      .filter((command) => command !== 'invoke')
      .forEach((command) => {
        this[command] = (inputs) => this.told(inputs, () => functionCommand(command, inputs));
      });
    // The CLI says "completed" of a command that a component does not have; here it fails.
    return new Proxy(this, {
      get(component, name) {
        if (name in component || typeof name !== 'string' || NO_COMMANDS.has(name)) {
          return component[name];
        }
        return (inputs) =>
          component.told(inputs, () => {
            throw new Error(
              `the local component has no command ${name}; it has ${Object.keys(COMMANDS).join(', ')}`,
            );
          });
      },
    });
  }

  // A failure ends the CLI with a status that is not zero, whatever the form of its output.
  async told(inputs, work) {
    // The CLI would try to report a reader that has gone (`| head`) to that reader, for ever.
    process.stdout.on('error', () => process.exit(141));
    try {
      return await work();
    } catch (error) {
      fail(error, inputs.args);
      throw error;
    }
  }

  // `s` calls the method that is named like the command.
  async invoke(inputs) {
    return this.told(inputs, async () => {
      const options = readOptions(inputs.args);
      const body = await invoke(inputs, options);
      if (options.silent || options['output-format']) {
        return { body };
      }
      show(body);
      return undefined;
    });
  }
}

// With an output format the CLI swallows the error of a component and would end with status 0.
function fail(error, args) {
  if (!error.isTold && args.some((each) => each.startsWith('-o') || each.startsWith('--output-format'))) {
    console.error(error.message);
  }
  process.exitCode = 101;
}

module.exports = LocalFunction;
module.exports.default = LocalFunction;
