export const orders = () => fetch('/api/orders').then(r => r.json())
export const save = (o) => fetch('/api/orders', {method:'POST', headers:{'content-type':'application/json'}, body: JSON.stringify(o)})
