import { useEffect } from 'react';
import { useActions } from '../../state/hooks';

/** Takes a task or rollout file that is dropped on the page, which would otherwise make way for it. */
export function useDroppedFile(): void {
  const act = useActions();
  useEffect(() => {
    const onDragOver = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      const file = event.dataTransfer?.files[0];
      if (!file) return;
      event.preventDefault();
      if (/\.(jsonl|ndjson)$/i.test(file.name)) void act().openRollouts(file);
      else void act().openTaskFile(file);
    };
    addEventListener('dragover', onDragOver);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onDragOver);
      removeEventListener('drop', onDrop);
    };
  }, [act]);
}
