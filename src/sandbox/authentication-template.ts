import type { Component } from './template-form.ts';

/** Meta's own wording of authentication templates, as its form gives it back: the button becomes one with a URL. */
export function presetWording(components: Component[]): Component[] {
  const body = components.find(({ type }) => type === 'BODY');
  const minutes = components.find(({ type }) => type === 'FOOTER')?.code_expiration_minutes;
  const advice = body?.add_security_recommendation ? ' For your security, do not share this code.' : '';
  return [
    { type: 'BODY', text: `*{{1}}* is your verification code.${advice}`, example: { body_text: [['123456']] } },
    ...(minutes === undefined
      ? []
      : [
          {
            type: 'FOOTER' as const,
            text: `This code expires in ${minutes} minutes.`,
            code_expiration_minutes: minutes,
          },
        ]),
    {
      type: 'BUTTONS',
      buttons: [
        {
          type: 'URL',
          text: 'Copy code',
          url: `${copyCodeUrl}&code=otp{{1}}`,
          example: [`${copyCodeUrl}&code=otp123456`],
        },
      ],
    },
  ];
}

const copyCodeUrl = 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE';
export const isCopyCode = (url: string | undefined) => url?.startsWith(copyCodeUrl) ?? false;

/** The template of the passcodes: there from the start, in every language, since nobody submits it. */
export const seededTemplate = {
  name: 'carillon_otp',
  category: 'AUTHENTICATION' as const,
  components: presetWording([{ type: 'BODY', add_security_recommendation: true }]),
};
