import {type RouterPlaces} from '../../contracts/router-host.js'

/** As the units of yard have them. */
export const usualPlaces: RouterPlaces = {
  directory: '/var/lib/yard/haproxy',
  adminSocket: '/run/yard/haproxy.sock',
  masterSocket: '/run/yard/haproxy-master.sock',
}
