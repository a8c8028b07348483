/** config.json of a run: its settings, and the preset that it started from. */
import { z } from 'zod';
import { capsOf } from '../config/caps';
import { RunConfig } from '../config/runConfig';
import { parseJsonFile, readAs } from './jsonFile';

const ConfigFile = RunConfig.extend({ preset: z.string().max(60).nullable().default(null) });

/** A run's settings and where they started from. */
export interface NamedConfig {
  readonly preset: string | undefined;
  readonly config: RunConfig;
}

export const encodeConfig = ({ preset, config }: NamedConfig): string =>
  `${JSON.stringify({ preset: preset ?? null, ...config }, null, 2)}\n`;

/** @throws PlaygroundError 'file-invalid' naming file, line and field. */
export function parseConfig(text: string, file: string): NamedConfig {
  const json = parseJsonFile(text, file);
  const { preset, ...config } = readAs(ConfigFile, json);
  const [problem] = capsOf(config);
  if (problem) throw json.fault((problem.names[0] ?? '').split('.'), problem.message);
  return { preset: preset ?? undefined, config };
}
