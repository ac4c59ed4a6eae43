import type { NextFunction, Request, Response } from 'express';

export function requireToken(req: Request, res: Response, next: NextFunction) {
  const header = req.get('Authorization');
  if (!header?.startsWith('Bearer ')) {
    res.status(401).json({ error: 'no token' });
    return;
  }
  next();
}
