const list = document.querySelector('#orders')
const asPage = { headers: { 'X-Requested-With': 'shop' }, credentials: 'include' }

export async function bad() {
  const response = await fetch('${bad-load-balancer-authenticates-preflight}/orders', asPage)
  list.textContent = await response.text()
}

export async function good() {
  const response = await fetch('${good-load-balancer-authenticates-preflight}/orders', asPage)
  list.textContent = await response.text()
}
