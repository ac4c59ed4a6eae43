import cors from 'cors';
import express, { type Express } from 'express';
import { rateLimit } from 'express-rate-limit';
import { orders } from '@/routes/orders';

export function createApp(): Express {
  const app = express();
  app.set('trust proxy', 1);
  if (process.env.NODE_ENV === 'production') {
    app.use(rateLimit({ windowMs: 60_000, limit: 100 }));
  }
  app.use(cors({ origin: process.env.FRONTEND_URL, credentials: true }));
  app.use('/orders', orders);
  return app;
}
