import http from 'node:http';
import { createApp } from '@/app.js';

http.createServer(createApp()).listen(Number(process.env.PORT ?? 4000), '0.0.0.0');
