//! Express applications made by rule, the same at each run.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The text of the file that a part has in a layer.
type Layer = fn(usize) -> String;

const LAYERS: [(&str, Layer); 4] = [
    ("routes", routes),
    ("controllers", controller),
    ("services", service),
    ("models", model),
];

/// How many parts an application of 100 files has; each has one file of each layer.
const PARTS: usize = 25;

/// How many lines such a file has.
const LINES: usize = 1000;

const PACKAGE: &str = r#"{ "name": "shop", "main": "server.js", "dependencies": { "express": "^4.21.0" } }
"#;

/// What every application has in front of its routers.
const HEAD: &str = r#"const express = require('express');
const helmet = require('helmet');
const cors = require('cors');
const rateLimit = require('express-rate-limit');
const app = express();
app.use(helmet());
app.use(cors({ origin: 'https://shop.test', credentials: true }));
app.use(express.json({ limit: '1mb' }));
app.use('/api', rateLimit({ windowMs: 60000, limit: 600 }));
"#;

const TAIL: &str = r#"app.use((req, res) => res.status(404).json({ message: 'not found' }));
app.use((err, req, res, next) => {
  res.status(err.status || 500).json({ message: err.message });
});
app.listen(process.env.PORT || 3000);
"#;

const AUTH: &str = r#"const jwt = require('jsonwebtoken');

exports.requireUser = (req, res, next) => {
  const header = req.headers.authorization;
  if (!header || !header.startsWith('Bearer ')) {
    return res.status(401).json({ message: 'no token' });
  }
  try {
    req.user = jwt.verify(header.slice(7), process.env.JWT_SECRET);
    next();
  } catch (error) {
    res.status(401).json({ message: 'bad token' });
  }
};
"#;

/// An application of 100 files with 1,000 lines each: routes, controllers, services, models.
pub fn write_layers(folder: &Path) {
    let mut server = HEAD.to_owned();
    for part in 0..PARTS {
        for (layer, text) in LAYERS {
            write(&folder.join(format!("{layer}/part{part}.js")), &text(part));
        }
        let _ = writeln!(
            server,
            "app.use('/api/part{part}', require('./routes/part{part}'));"
        );
    }
    write_frame(folder, server);
}

/// An application with so many routes in so many routers.
pub fn write_routes(folder: &Path, routes: usize, routers: usize) {
    let mut server = HEAD.to_owned();
    for number in 0..routers {
        let mut text = String::from(
            "const { Router } = require('express');\n\
             const { requireUser } = require('../auth');\n\
             const router = Router();\n",
        );
        for route in 0..routes / routers {
            let thing = route / 4;
            let _ = match route % 4 {
                0 => writeln!(
                    text,
                    "router.get('/things{thing}', (req, res) => res.json([]));"
                ),
                1 => writeln!(
                    text,
                    "router.post('/things{thing}', requireUser, (req, res) => res.json({{}}));"
                ),
                2 => writeln!(
                    text,
                    "router.get('/things{thing}/:id', (req, res) => res.json({{}}));"
                ),
                _ => writeln!(
                    text,
                    "router.put('/things{thing}/:id', requireUser, (req, res) => res.json({{}}));"
                ),
            };
        }
        text.push_str("module.exports = router;\n");
        write(&folder.join(format!("routes/router{number}.js")), &text);
        let _ = writeln!(
            server,
            "app.use('/api/v1/router{number}', require('./routes/router{number}'));"
        );
    }
    write_frame(folder, server);
}

fn write_frame(folder: &Path, server: String) {
    write(&folder.join("package.json"), PACKAGE);
    write(&folder.join("auth.js"), AUTH);
    write(&folder.join("server.js"), &(server + TAIL));
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap_or(path)).expect("a folder");
    fs::write(path, text).expect("room for a small file");
}

/// A file of [`LINES`] lines: a head, and as many pieces as there is room for.
fn filled(head: &str, foot: &str, piece: impl Fn(usize) -> String) -> String {
    let mut text = head.to_owned();
    let mut lines = head.lines().count() + foot.lines().count();
    for number in 0.. {
        let piece = piece(number);
        lines += piece.lines().count();
        if lines > LINES {
            break;
        }
        text.push_str(&piece);
    }
    text + foot
}

fn routes(part: usize) -> String {
    let head = format!(
        "const express = require('express');\n\
         const {{ body, param, validationResult }} = require('express-validator');\n\
         const controller = require('../controllers/part{part}');\n\
         const {{ requireUser }} = require('../auth');\n\n\
         const router = express.Router();\n\n\
         const validate = (req, res, next) => {{\n  \
           const errors = validationResult(req);\n  \
           if (!errors.isEmpty()) {{\n    \
             return res.status(422).json({{ errors: errors.array() }});\n  \
           }}\n  \
           next();\n\
         }};\n"
    );
    filled(&head, "\nmodule.exports = router;\n", |number| {
        format!(
            r#"
/**
 * @openapi
 * /thing{number}/{{id}}:
 *   put:
 *     summary: Changes a thing of kind {number}.
 *     responses: {{ 200: the thing, 404: there is none, 422: a field is wrong }}
 */
router.get('/thing{number}', controller.list{number});
router.put(
  '/thing{number}/:id',
  requireUser,
  [
    param('id').isMongoId(),
    body('name').isString().trim().isLength({{ min: 1, max: 120 }}),
    body('price').optional().isFloat({{ min: 0 }}),
    body('tags.*').optional().isIn(['new', 'used', 'rare']),
  ],
  validate,
  controller.change{number},
);
"#
        )
    })
}

fn controller(part: usize) -> String {
    let head = format!(
        "const service = require('../services/part{part}');\n\n\
         const clamp = (value, low, high) => Math.min(Math.max(value, low), high);\n"
    );
    filled(&head, "", |number| {
        format!(
            r#"
exports.list{number} = async (req, res, next) => {{
  try {{
    const page = clamp(parseInt(req.query.page, 10) || 1, 1, 1000);
    const size = clamp(parseInt(req.query.size, 10) || 20, 1, 100);
    const {{ rows, total }} = await service.find{number}({{ page, size, q: req.query.q }});
    res.set('X-Total-Count', String(total));
    res.json(rows.map((row) => ({{ id: row.id, name: row.name, price: row.price / 100 }})));
  }} catch (error) {{
    next(error);
  }}
}};

exports.change{number} = async (req, res, next) => {{
  try {{
    const thing = await service.change{number}(req.params.id, req.body, req.user);
    if (!thing) {{
      return res.status(404).json({{ message: `no thing ${{req.params.id}}` }});
    }}
    res.json(thing);
  }} catch (error) {{
    if (error.code === 11000) {{
      return res.status(409).json({{ message: 'the name is taken' }});
    }}
    next(error);
  }}
}};
"#
        )
    })
}

fn service(part: usize) -> String {
    let head = format!(
        "const Thing = require('../models/part{part}');\n\n\
         const CACHE = new Map();\n\n\
         function escape(text) {{\n  \
           return String(text).replace(/[.*+?^${{}}()|[\\]\\\\]/g, '\\\\$&');\n\
         }}\n"
    );
    filled(&head, "", |number| {
        format!(
            r#"
exports.find{number} = async function ({{ page, size, q }}) {{
  const key = ['find{number}', page, size, q].join(':');
  const hit = CACHE.get(key);
  if (hit && hit.until > Date.now()) {{
    return hit.value;
  }}
  const filter = q ? {{ name: new RegExp(escape(q), 'i'), kind: {number} }} : {{ kind: {number} }};
  const [rows, total] = await Promise.all([
    Thing.find(filter).sort({{ createdAt: -1 }}).skip((page - 1) * size).limit(size).lean(),
    Thing.countDocuments(filter),
  ]);
  const value = {{ rows, total }};
  CACHE.set(key, {{ value, until: Date.now() + 30 * 1000 }});
  return value;
}};

exports.change{number} = async function (id, fields, user) {{
  const thing = await Thing.findOne({{ _id: id, kind: {number} }});
  if (!thing || (thing.owner !== user.id && !user.roles.includes('admin'))) {{
    return null;
  }}
  for (const [name, value] of Object.entries(fields)) {{
    if (Thing.CHANGEABLE.includes(name)) {{
      thing[name] = value;
    }}
  }}
  thing.history.push({{ by: user.id, at: new Date(), fields: Object.keys(fields) }});
  await thing.save();
  CACHE.clear();
  return thing.toObject({{ versionKey: false }});
}};
"#
        )
    })
}

fn model(part: usize) -> String {
    let head = "const mongoose = require('mongoose');\n\n\
                const schema = new mongoose.Schema(\n  {\n    \
                name: { type: String, required: true },\n    kind: Number,\n    \
                owner: String,\n    history: [{ by: String, at: Date, fields: [String] }],\n  },\n  \
                { timestamps: true },\n);\n";
    let foot = format!(
        "\nconst Thing = mongoose.model('Part{part}', schema);\n\
         Thing.CHANGEABLE = ['name', 'price', 'tags'];\n\
         module.exports = Thing;\n"
    );
    filled(head, &foot, |number| {
        format!(
            r#"
schema.add({{
  field{number}: {{
    type: String,
    enum: ['small', 'medium', 'large'],
    default: 'medium',
    validate: {{
      validator: (value) => value === undefined || value.length < {},
      message: 'field{number} is too long',
    }},
  }},
}});

schema.virtual('label{number}').get(function () {{
  return this.field{number} ? `${{this.name}} (${{this.field{number}}})` : this.name;
}});

schema.methods.describe{number} = function (locale = 'en') {{
  const words = {{ en: 'of size', de: 'der Größe' }};
  return [this.name, words[locale] || words.en, this.field{number}].filter(Boolean).join(' ');
}};
"#,
            20 + number
        )
    })
}
