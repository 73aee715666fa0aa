export {AgeSecretBox} from './age-secret-box.js'
