import { expect, it } from 'vitest';
import { MetricTable } from '../../../backend/domain/metric.ts';

function names(metrics: readonly { readonly name: string }[] | undefined): readonly string[] {
  return (metrics ?? []).map(({ name }) => name);
}

it('chains a metric to all of its ancestors, whatever the order of the records', () => {
  const table = new MetricTable([
    { id: '3', name: 'leaf', parentId: '2' },
    { id: '2', name: 'middle', parentId: '1' },
    { id: '1', name: 'root', parentId: null },
  ]);
  expect(names(table.named('leaf')?.chain)).toEqual(['leaf', 'middle', 'root']);
  expect(names(table.named('root')?.children)).toEqual(['middle']);
});

it('ends every chain of metrics that are their own ancestors', () => {
  const table = new MetricTable([
    { id: '1', name: 'a', parentId: '2' },
    { id: '2', name: 'b', parentId: '3' },
    { id: '3', name: 'c', parentId: '1' },
    { id: '4', name: 'own parent', parentId: '4' },
  ]);
  const chains = [...table.all()].map(({ chain }) => chain.length);
  expect(Math.max(...chains)).toBeLessThanOrEqual(3);
  expect(table.named('own parent')?.parent).toBeNull();
});

it('takes a parent that does not exist for none', () => {
  const table = new MetricTable([{ id: '1', name: 'a', parentId: 'gone' }]);
  expect(table.named('a')?.parent).toBeNull();
});
