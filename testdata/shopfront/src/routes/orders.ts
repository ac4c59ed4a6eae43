import { Router } from 'express';
import { requireToken } from '../auth';

export const orders = Router();

orders.use(requireToken);
for (const kind of ['open', 'done'] as const) {
  orders.get(`/${kind}`, (_req, res) => void res.json([]));
}
orders.delete('/:id', (_req, res) => void res.sendStatus(204));
