const form = document.querySelector('form')
const asJson = { method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: '{}' }

form.addEventListener('submit', () => fetch('${bad-cors-method-not-allowed}/orders', asJson))
form.addEventListener('reset', () => fetch('${good-cors-method-not-allowed}/orders', asJson))
